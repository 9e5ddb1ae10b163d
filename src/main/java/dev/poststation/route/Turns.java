package dev.poststation.route;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.function.ToIntFunction;

/// The order in which hosts, or connectors, are tried: by priority, the lowest number first; equal
/// ones by lot, in which the weight of each is its number of tickets (RFC 2782; RFC 5321 5.1 for
/// equal weights). Pure, but for the lots.
final class Turns {
  private Turns() {}

  static <T> List<T> of(
      List<T> hosts, ToIntFunction<T> priority, ToIntFunction<T> weight, IntUnaryOperator below) {
    List<T> sorted = new ArrayList<>(hosts);
    sorted.sort(Comparator.comparingInt(priority));
    List<T> turns = new ArrayList<>(sorted.size());
    int start = 0;
    while (start < sorted.size()) {
      int equal = priority.applyAsInt(sorted.get(start));
      int end = start + 1;
      while (end < sorted.size() && priority.applyAsInt(sorted.get(end)) == equal) {
        end++;
      }
      drawAll(new ArrayList<>(sorted.subList(start, end)), weight, below, turns);
      start = end;
    }
    return turns;
  }

  private static <T> void drawAll(
      List<T> left, ToIntFunction<T> weight, IntUnaryOperator below, List<T> turns) {
    while (left.size() > 1) {
      turns.add(left.remove(draw(left, weight, below)));
    }
    turns.addAll(left);
  }

  private static <T> int draw(List<T> left, ToIntFunction<T> weight, IntUnaryOperator below) {
    int tickets = 0;
    for (var host : left) {
      tickets += Math.max(weight.applyAsInt(host), 0);
    }
    if (tickets == 0) {
      return below.applyAsInt(
          left.size()); // Only those are left that want no share while others live.
    }
    int ticket = below.applyAsInt(tickets);
    int index = 0;
    while (ticket >= Math.max(weight.applyAsInt(left.get(index)), 0)) {
      ticket -= Math.max(weight.applyAsInt(left.get(index)), 0);
      index++;
    }
    return index;
  }
}
