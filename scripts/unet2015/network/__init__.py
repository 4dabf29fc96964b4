"""The U-Net, its sizes, memory and operations, its files and its device."""
