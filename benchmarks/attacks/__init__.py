"""How well scoring holds: worlds of our own, attacks, the published aggregators beside ours.

    python -m benchmarks.attacks --quick             scale .15, one tuning seed: under a minute
    python -m benchmarks.attacks                     three tuning seeds at full scale
    python -m benchmarks.attacks --final             held-out seeds: for judging, not tuning
    python -m benchmarks.attacks --attack storm      the clean world and one group of attacks
    python -m benchmarks.attacks --plot frontier.svg draws the frontier as well
    python -m benchmarks.attacks --prices --scale .2 --seeds 1
                                                     what each attack costs and what it gets
    python -m benchmarks.attacks --frontier --scale .3 --seeds 2 --gold 100 --plot frontier.svg
                                                     what each condition for block costs
    python -m benchmarks.attacks.calibration         fits what is published to what was true
    python -m benchmarks.attacks.crowd               crowd-labelling sets with known truth

Options: --seeds N, --skip N, --scale X, --days 10,20,… (the clean world's days), --gold K
(moderated numbers), --gold-by random|harm|audit (who chooses them, see `gold`), --gold-until DAY
(by which they are decided), --make NAME (worlds of another make, `assumptions.MAKES`; "any" draws a
make from each seed), --json FILE (all figures), --batch-only / --online-only (leave one of ours
out). `--attack` names a group of `attacks.ATTACKS`, or `none` for the clean world alone.

The table, and why abusive calls got through, on standard output; progress on standard error; two
processes unless --processes says otherwise. What a figure means stands in `measure`, what a world
is and what it leaves out in `worlds`, what an adversary may do in `attacks`, `rings`, `deceit` and
`denial`, what that costs in `prices`, the rivals' thresholds in `rivals`, why calls get through in
`losses`, what each condition costs in `frontier`.
"""
