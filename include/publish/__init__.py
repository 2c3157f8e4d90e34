"""Makes a build visible: the swap of the schemas, the docs site."""
