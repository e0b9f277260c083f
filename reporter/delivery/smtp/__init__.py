"""Delivery over SMTP: connections, the stages of RFC 5321, and the meaning of replies."""
