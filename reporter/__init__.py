"""hyperrep-report: scheduled reports from the HyperRep API that executives read and operators trust."""

__version__ = "0.1.0"
