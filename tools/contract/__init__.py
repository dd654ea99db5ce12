"""The tool contract: what an author declares, a caller gives, and both may rely on.

```
Exception
├── DeclarationError   a tool is declared wrongly: raised where it is decorated or described
├── Retry              the author asks for other arguments, and says why
└── Refuse             the attempt ends without a value, for a kind of failure
```
"""

from gaseol.tools.contract.annotation import Media, States, Unit
from gaseol.tools.contract.call import RESULT_MB, Answer, Call
from gaseol.tools.contract.card import Network, ToolCard
from gaseol.tools.contract.declaration import DeclarationError
from gaseol.tools.contract.decorator import tool
from gaseol.tools.contract.definition import Tool
from gaseol.tools.contract.example import Example
from gaseol.tools.contract.refusal import Refuse, Retry

__all__ = [
    "RESULT_MB",
    "Answer",
    "Call",
    "DeclarationError",
    "Example",
    "Media",
    "Network",
    "Refuse",
    "Retry",
    "States",
    "Tool",
    "ToolCard",
    "Unit",
    "tool",
]
