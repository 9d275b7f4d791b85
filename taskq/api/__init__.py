"""The HTTP API and its page: the queue for programs and for people who rather look than read.

`server` opens the sockets, `door` says who is let in, `app` puts the routes together. A route
parses, asks `tasks`, and answers what `views.document` makes; the `hub` looks at the store once for
all who watch.
"""
