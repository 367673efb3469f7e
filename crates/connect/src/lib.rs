//! The port to downstream systems: the contract, the registry, the layers.
