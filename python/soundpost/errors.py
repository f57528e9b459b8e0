# SPDX-License-Identifier: Apache-2.0
"""The one exception that a user's mistake raises."""


class UserError(Exception):
    """A mistake that the user can mend.

    The message is one line that names the file or option and says what to do; the command line
    prints it and exits with code 2.
    """
