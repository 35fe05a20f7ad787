"""The schema against the specification's, field by field."""

from graphql import FieldDefinitionNode, ObjectTypeDefinitionNode, build_schema, parse, print_ast

from kiosk.platform.http.graphql.schema import make_schema
from tests.platform.http.graphql.asking import specified_text


def types_in(sdl: str) -> dict[str, dict[str, FieldDefinitionNode]]:
    """Object types by name, their fields by name."""
    found = [each for each in parse(sdl).definitions if isinstance(each, ObjectTypeDefinitionNode)]
    return {each.name.value: {field.name.value: field for field in each.fields or ()} for each in found}


def form_of(field: FieldDefinitionNode) -> tuple[str, list[str], list[str]]:
    """Type with nullability, required arguments, directives."""
    required = [f"{each.name.value}: {print_ast(each.type)}" for each in field.arguments or () if each.default_value is None]
    return print_ast(field.type), required, [print_ast(each) for each in field.directives or ()]


def test_every_field_of_the_specification_is_there_as_it_stands() -> None:
    ours = types_in(make_schema().as_str())
    theirs = types_in(specified_text("template_schema"))
    assert set(theirs) == {"ServicePlanTemplate", "ServicePlan", "Query", "Mutation"}
    for name, fields in theirs.items():
        for field_name, field in fields.items():
            assert form_of(ours[name][field_name]) == form_of(field), f"{name}.{field_name}"


def test_agent_state_is_marked_as_the_domains_own() -> None:
    assert "agent_state: JSON @domainSpecific\n" in make_schema().as_str()
    assert "directive @domainSpecific on FIELD_DEFINITION" in make_schema().as_str()


def test_the_printed_schema_is_a_schema() -> None:
    """With every type that the specification mentions without spelling it out."""
    mentioned = {"CommonTerms", "MealyFSM", "AgentConfig", "CommonState", "ServiceAccount", "PaymentAccount", "TemplateChange"}
    assert mentioned <= set(build_schema(make_schema().as_str()).type_map)
