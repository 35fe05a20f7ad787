"""The platform over GraphQL (specification 003): `graphql_types` has what goes in and out, `schema` what can be asked and how much of it;
`serving` puts it on HTTP with the page of developers, and says what went wrong. Nothing is imported here.
"""
