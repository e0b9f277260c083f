"""Delivery over SMTP: connections, the stages of RFC 5321, and what replies mean."""
