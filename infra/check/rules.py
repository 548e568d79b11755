"""Our own rules for the evaluated state: what neither Terraform nor the scanners see."""

from __future__ import annotations

from infra.check import rules_of_alarms, rules_of_data, rules_of_functions, rules_of_limits
from infra.check.state import State

RULES = {
    rule.__name__: rule
    for module in (rules_of_data, rules_of_functions, rules_of_alarms, rules_of_limits)
    for rule in module.RULES
}
"""Every rule by its name; each yields what breaks it."""


def broken(state: State) -> list[str]:
    """Everything that breaks a rule, with the rule's name."""
    return [f"{name}: {found}" for name, rule in RULES.items() for found in rule(state)]
