"""U-Net for electron-microscopy segmentation: the library behind the workflow.

Pure functions on arrays, one algorithm a module. The command-line programs in
the parent folder read files, call these functions and write files.
"""
