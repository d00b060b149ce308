"""Reports made of cells: the business review and the transparency report, frozen and published."""
