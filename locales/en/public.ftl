# The public start page.

start-title = Start
start-heading = The front door of your organization
start-lede = { $product } decides who comes in, and how. Sign your company up, invite your people, and set the rules without ever locking yourselves out.
start-sign-up = Sign up your organization
start-log-in = Log in to the console
start-one-title = You cannot lock yourselves out
start-one = A change to how people log in only counts once it has been shown to work, and there is always a way back in.
start-two-title = See the effect before you save
start-two = Every security setting says whom it will touch, in numbers, before it is in force.
start-three-title = Everything is on record
start-three = Who did what, when and from where, kept with a reference code that anyone can look up.
