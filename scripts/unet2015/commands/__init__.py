"""What the console command `unet2015` can do without the workflow."""
