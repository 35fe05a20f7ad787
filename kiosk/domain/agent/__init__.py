"""service_agent and what it takes and gives: one function for every action, called by both ends (decision 25)."""
