package dev.poststation.config;

/// A secret that stands nowhere yet: an administrator has just said it. Immutable.
public record Typed(String text) implements Secret {
  @Override
  public String reveal() {
    return text;
  }

  @Override
  public Origin origin() {
    return Origin.DEFAULT;
  }

  @Override
  public String toString() {
    return "***";
  }
}
