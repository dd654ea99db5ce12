"""Permissions that an operator gives on the command line."""

import click

allow_weak = click.option(
    "--allow-weak-isolation",
    "allow_weak",
    is_flag=True,
    help="Call tools that are not built in even where nothing keeps them from the network.",
)
