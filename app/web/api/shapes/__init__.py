"""What /api/v1 takes and answers, as pydantic models. Nothing here knows the web framework.

A `…Draft` is what a program writes, a `…Changes` the part it wants changed, the plain name what it reads. A
`…Query` holds the parameters of a list.
"""
