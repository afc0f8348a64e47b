"""What people type and press, vendor-free: Slack, Discord, the phone and the command line all come here.

``parse`` makes a command of what was typed, ``role`` says who may, ``perform`` does it (``order`` what is about one
alert, ``look`` what only looks) and keeps it in the audit trail. The rest is words.
"""
