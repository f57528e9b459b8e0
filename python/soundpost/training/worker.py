# SPDX-License-Identifier: Apache-2.0
"""A process of its own for one job: python -m soundpost.training.worker FOLDER.

A fresh TensorFlow gives the same numbers whatever was done before, and gives its memory back.
"""

import signal
import sys
from pathlib import Path

from soundpost.errors import UserError
from soundpost.training.job import Job
from soundpost.training.run import run_job


def main(folder: Path) -> int:
    """Do the job that is written in `folder`; 2 after a user's mistake, which the status tells,
    and the log where the run is another process's.
    """
    # Ctrl-C is for the parent, which then ends its workers
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        run_job(Job.load(folder))
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
