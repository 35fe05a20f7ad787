"""Templates at the platform (specification 003, decisions 23 to 25).

`template_service` creates, refines and deprecates; `shipped_templates` adds what is shipped; `composing` holds the inputs, checks names and
makes templates of documents; `migration_run` moves plans to another version. Nothing is imported here.
"""
