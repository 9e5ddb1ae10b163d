package dev.poststation.dns;

/// Punycode (RFC 3492): how a label with letters beyond ASCII is written in ASCII. Pure functions.
/// Only the way that we need: there.
final class Punycode {
  // RFC 3492 5.
  private static final int BASE = 36;
  private static final int T_MIN = 1;
  private static final int T_MAX = 26;
  private static final int SKEW = 38;
  private static final int DAMP = 700;
  private static final int INITIAL_BIAS = 72;
  private static final int INITIAL_N = 128;

  private Punycode() {}

  /// The label encoded, without `xn--`. A label has few characters, so nothing here can overflow.
  static String encode(String label) {
    int[] points = label.codePoints().toArray();
    var out = new StringBuilder();
    for (int point : points) {
      if (point < INITIAL_N) {
        out.append((char) point);
      }
    }
    int basic = out.length();
    if (basic > 0) {
      out.append('-');
    }
    int n = INITIAL_N;
    int delta = 0;
    int bias = INITIAL_BIAS;
    int done = basic;
    while (done < points.length) {
      int next = smallestFrom(n, points);
      delta += (next - n) * (done + 1);
      n = next;
      for (int point : points) {
        if (point < n) {
          delta++;
        } else if (point == n) {
          append(delta, bias, out);
          bias = adapt(delta, done + 1, done == basic);
          delta = 0;
          done++;
        }
      }
      delta++;
      n++;
    }
    return out.toString();
  }

  private static int smallestFrom(int n, int[] points) {
    int smallest = Integer.MAX_VALUE;
    for (int point : points) {
      if (point >= n && point < smallest) {
        smallest = point;
      }
    }
    return smallest;
  }

  private static void append(int delta, int bias, StringBuilder out) {
    int rest = delta;
    for (int k = BASE; ; k += BASE) {
      int threshold = Math.clamp(k - bias, T_MIN, T_MAX);
      if (rest < threshold) {
        out.append(digit(rest));
        return;
      }
      out.append(digit(threshold + (rest - threshold) % (BASE - threshold)));
      rest = (rest - threshold) / (BASE - threshold);
    }
  }

  private static char digit(int value) {
    return (char) (value < 26 ? 'a' + value : '0' + value - 26);
  }

  private static int adapt(int delta, int points, boolean first) {
    int rest = first ? delta / DAMP : delta / 2;
    rest += rest / points;
    int k = 0;
    while (rest > (BASE - T_MIN) * T_MAX / 2) {
      rest /= BASE - T_MIN;
      k += BASE;
    }
    return k + (BASE - T_MIN + 1) * rest / (rest + SKEW);
  }
}
