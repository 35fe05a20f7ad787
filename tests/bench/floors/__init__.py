"""The floors: the same work by the bare libraries, as short as it can be written and still do it. Nothing here imports the kiosk."""
