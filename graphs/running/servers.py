"""The servers of a scenario: their pinned tools beside those of a run's pool."""

from contextlib import AbstractContextManager

from gaseol.graphs.running.asked import tools_of
from gaseol.scenarios.checker import beyond_site
from gaseol.scenarios.loader import ScenarioError
from gaseol.scenarios.scenario import Scenario
from gaseol.tools.egress.reach import Reach
from gaseol.tools.mcp.servers import served
from gaseol.tools.workers.pool import Pool


def with_servers(
    scenario: Scenario, pool: Pool, *, trust: bool = False
) -> AbstractContextManager[Pool]:
    """Give a pool that has the tools of a scenario's servers too, until they are closed.

    Args:
        scenario: names servers, or calls tools of the user's.
        pool: of workers; it stays its owner's to close.
        trust: start commands even where nothing keeps them from the network.

    Raises:
        ScenarioError: its policy asks for more than this machine's site allows.
        ServerError: a server cannot be used as it is named; raised when the context is entered.
    """
    beyond = list(beyond_site(scenario))
    if beyond:  # before anything is started or asked
        raise ScenarioError(beyond)
    reach = Reach(scenario.policy.hosts, scenario.policy.private)
    return served(pool, scenario.servers, tools_of(scenario), reach, scenario.folder, trust=trust)
