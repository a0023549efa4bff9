"""What the evidence for a release adds up to: judged by kind, asked for by items, stated by people, and its builds."""
