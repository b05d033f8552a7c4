# The development mailbox.

mailbox-title = Mailbox
mailbox-text = In development mode no mail leaves this machine. What would have been sent is here.
mailbox-empty-title = No mail yet
mailbox-empty = Sign an organization up: the invitation lands here.
mailbox-to = To
