"""What can be wrong with a page."""


class LayoutError(Exception):
    """The page came, but does not look as its source file says: for the source's maintainer."""
