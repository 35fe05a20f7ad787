"""The platform over GraphQL (specification 003): `schema` is made of `queries` and `mutations`, of the types and `inputs`; `serving` puts
it on HTTP within the limits of `query_limits`; `graphql_errors` says what went wrong. Nothing is imported here.
"""
