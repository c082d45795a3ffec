"""A contract of import-linter: packages are imported by their faces only (see pyproject.toml)."""

import ast
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class FacesContract(Contract):  # type: ignore[misc] -- import-linter ships no types for it
    """Forbids `from package.module import name` outside of `package`.

    The face of a package is its `__init__`: `from package import name`, where the name may be a
    module that the face offers.

    packages: modules whose faces are to be kept; a star stands for the children of a package.
    importers: root packages that are held to it.
    """

    type_name = "faces"

    packages = fields.SetField(subfield=fields.ModuleExpressionField())
    importers = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        packages = {
            module
            for expression in self.packages
            for module in graph.find_matching_modules(expression.expression)
            if graph.find_children(module)
        }
        past = []
        for package in sorted(packages):
            for module in sorted(graph.find_descendants(package)):
                for importer in sorted(graph.find_modules_that_directly_import(module)):
                    if f"{importer}.".startswith(f"{package}."):
                        continue
                    if importer.split(".")[0] not in self.importers:
                        continue
                    past += [
                        (importer, detail["line_number"], detail["line_contents"])
                        for detail in graph.get_import_details(importer=importer, imported=module)
                        if not _by_face(detail["line_contents"], package, module)
                    ]
        return ContractCheck(kept=not past, metadata={"past": past})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer, line, content in check.metadata["past"]:
            output.print_error(f"{importer}, line {line}: {content}", bold=False)
        output.print_error("Import the name from the package, and there in its __init__.")


def _by_face(line: str, package: str, module: str) -> bool:
    """Whether the line imports a module that the package offers, from the package."""
    child = module.removeprefix(f"{package}.")
    return line.strip().startswith(f"from {package} import ") and child in _offered(package)


@cache
def _offered(package: str) -> frozenset[str]:
    """What the package's `__init__` imports."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return frozenset()
    return frozenset(
        alias.asname or alias.name
        for statement in ast.parse(Path(spec.origin).read_text()).body
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    )
