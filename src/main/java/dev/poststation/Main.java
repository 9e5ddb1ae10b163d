package dev.poststation;

final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.out.println("hello");
  }
}
