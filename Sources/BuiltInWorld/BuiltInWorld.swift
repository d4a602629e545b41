// The built-in world.
