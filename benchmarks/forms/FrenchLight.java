import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.apache.lucene.analysis.fr.FrenchLightStemmer;

/** Print Lucene's light French stem of each line of standard input, a line each. */
public final class FrenchLight {
    public static void main(String[] arguments) throws Exception {
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        var out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        var stemmer = new FrenchLightStemmer();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            char[] word = line.toCharArray();
            out.println(new String(word, 0, stemmer.stem(word, word.length)));
        }
        out.flush();
    }
}
