"""Who can do a visit, who should, and who is asked now. Arithmetic: no I/O, no clock, no chance."""
