"""What mails say, translated by a service outside: off the way of every page, and never needed by one."""
