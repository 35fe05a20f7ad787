"""The verifiers of payments, and the payments that the ERP system confirms."""
