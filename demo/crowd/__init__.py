"""Patients, nurses and operators who use a running server over HTTP, as separate clients would."""
