# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# The configs of tests/corpus by xl's own reader and by ours, on Xen; tests/corpus/compare.sh says what is held against what.
# limit: 240
. /lab/corpus/compare.sh
compare_configs /lab/corpus
