"""From reports to a complaint that an authority will take: whom to write to, what the law calls it,
the letter, the evidence, and a pack that anybody can check."""
