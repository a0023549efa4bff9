"""The Web API: one function for each method, behind one door that checks token, scope, pace and faults."""
