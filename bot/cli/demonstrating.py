"""The command that shows the main job."""

import click


@click.command()
@click.option("--keep", is_flag=True, help="Leave the site and the service running until Ctrl-C.")
def demo(keep: bool) -> None:  # noqa: FBT001
    """Show the main job on a small site of our own.

    Tocsin serves a small ministry on loopback and polls it with the real fetcher, extractor, store, rules and outbox;
    the alerts appear here. It needs no configuration, leaves nothing behind, and ends in under 20 seconds.

    \b
    Example:
      tocsin demo --keep
    """
    import logging

    from rich.console import Console

    from bot.demo.show import demo as show
    from bot.logs import set_up

    set_up(level=logging.WARNING)
    if not show(Console(highlight=False), keep=keep):
        raise click.ClickException("the demo did not come to its end; please report this")
