"""What the pages of the menus show: the drawing, the forms of the nodes, the differences of versions."""
