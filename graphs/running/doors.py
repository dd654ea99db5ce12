"""The doors of a run: what carries out each kind of effect, within the scenario's policy."""

from contextlib import ExitStack
from typing import TYPE_CHECKING

from gaseol.agents.roles import Scientist
from gaseol.graphs.running.checkpoint import Checkpoint
from gaseol.scenarios.scenario import Scenario
from gaseol.tools.door import Door, EgressDoor, ToolDoor
from gaseol.tools.screens import Screens
from gaseol.tools.site import site
from gaseol.tools.workers.pool import Pool
from gaseol.traces.record.event import EffectKind

if TYPE_CHECKING:
    from gaseol.tools.egress.gateway import Gateway


def open_doors(
    scenario: Scenario, who: Scientist, pool: Pool, seed: int, closing: ExitStack
) -> dict[EffectKind, Door]:
    """Return a door for each kind of effect; what they hold open is closed with the stack.

    Raises:
        SiteError: a screen of the site cannot be used.
    """
    gateway = _gateway(scenario, seed)
    closing.callback(gateway.close)
    doors: dict[EffectKind, Door] = {"tool": ToolDoor(pool), "egress": EgressDoor(gateway)}
    models = who.door(scenario.policy)
    if models is not None:
        doors["model"] = models
        closing.callback(getattr(models, "close", lambda: None))
    screens = Screens(site())
    closing.callback(screens.close)
    return {
        kind: Checkpoint(door, scenario.policy, pool.registry, screens)
        for kind, door in doors.items()
    }


def _gateway(scenario: Scenario, seed: int) -> "Gateway":
    """Return the one way out, which leads to the hosts that the policy names."""
    from gaseol.tools.egress.credentials import Credentials
    from gaseol.tools.egress.gateway import Gateway
    from gaseol.tools.egress.reach import Reach
    from gaseol.tools.sources.connector import terms

    policy = scenario.policy
    reach = Reach(policy.hosts, policy.private)
    if not reach.hosts:
        return Gateway(reach)
    return Gateway(reach, credentials=Credentials.load(), terms=terms(), seed=seed)
