"""What the wheel `ringscore-server` installs: the service's packages, in a folder of their own.

Their names (api, config, web …) are too common for site-packages. So the wheel has them in this
folder, which goes on the path of this process and of those that it starts.
"""

import os
import sys
from pathlib import Path


def main() -> None:
    """The console script `ringscore-server`."""
    home = str(Path(__file__).parent)
    sys.path.insert(0, home)
    os.environ["PYTHONPATH"] = os.pathsep.join(
        [home, *filter(None, [os.environ.get("PYTHONPATH")])]
    )
    from config import command_line  # only now on the path

    command_line.main(sys.argv[1:])
