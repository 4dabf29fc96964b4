"""The five metrics of the ISBI 2012 segmentation challenge.

=============== ============================================ ==================
score           what it compares                             over the slices
=============== ============================================ ==================
`pixel_error`   labels and proposal, pixel by pixel          counts are summed
`rand_error`    4-connected segments, foreground-restricted  counts are summed
`v_rand`        the same with thinned proposal borders       scores are averaged
`v_info`        the same, by entropy instead of pairs        scores are averaged
`warping_error` topology: pixels that split or merge cells   pixels are summed
=============== ============================================ ==================

The definitions are those of the organisers' own program: Arganda-Carreras et
al., "Crowdsourcing the creation of image segmentation algorithms for
connectomics", Front. Neuroanat. 9:142 (2015), doi:10.3389/fnana.2015.00142.
Everywhere 1 = cell interior is the positive class, t a threshold, and a slice
an array of shape (height, width) with x along the width and y down the height.
The modules give the counts or the score of one slice at one threshold, and what
combines the counts of slices; `challenge.evaluate` runs them all.
"""
