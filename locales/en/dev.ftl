# The development mailbox.

mailbox-title = Mailbox
mailbox-text = In development mode no mail and no SMS leaves this machine. What would have been sent is here.
mailbox-empty-title = No message yet
mailbox-empty = Sign an organization up: the invitation lands here.
mailbox-to = To
