"""Hosts on this machine: Render, Vercel and a hook, strict, with a machine behind them that really runs the product."""
